"""Names for the grammar's terminals, for messages that say what was expected."""

from collections.abc import Iterable

WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "EQUAL": "`=`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "DOT": "`.`",
    "STAR": "`*`",
    "MINUS": "`-`",
    "AMPERSAND": "`&`",
    "_DOTS": "`..`",
    "TYPE": "a type",
    "SEMICOLON": "`;`",
    "CONJUNCTION": "`/\\`",
    "DISJUNCTION": "`\\/`",
    "QUANTIFIER": "`exists`",
    "_IN": "`in`",
    "_AT": "`at`",
    "_LIST": "`list`",
}
BLOCKS = {"_IF", "_WHILE", "_FOR"}
SIMPLE = {"_RETURN", "_BREAK", "_CONTINUE", "_GOTO", "_ASSERT", "SEMICOLON"}
OPERANDS = {"NAME", "NUMBER", "LPAR", "LSQB", "LITERAL_TYPE", "BANG", "TILDE", "MINUS", "AMPERSAND", "STAR"}
POSTFIX = {"ARROW", "DOT", "QMARK", "LPAR", "LSQB", "_AT"}


def describe_terminals(terminals: Iterable[str]) -> str:
    """The terminals of grammar.lark as one phrase: "`,`, `)` or an operator"."""
    left = set(terminals)
    groups = []
    if left >= SIMPLE:
        groups.append("a statement" if left >= BLOCKS else "a simple statement")
        left -= BLOCKS | SIMPLE | OPERANDS
    if left >= OPERANDS:
        groups.append("an expression")
        left -= OPERANDS
    if "OPERATOR" in left:
        groups.append("an operator")
        left -= POSTFIX
    words = [word for terminal, word in WORDS.items() if terminal in left] + groups
    if "$END" in left:
        words.append("nothing more")
    if not words:
        return ""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
