"""C read as trees of statements, under a configuration."""

from pathlib import Path

import pytest

from encoder.base.errors import InputError
from encoder.kernel.c import CStatement, text_of
from encoder.kernel.configuration import Configuration, configuration, configuration_names
from encoder.kernel.parse import functions_of, statements_of
from encoder.kernel.sources import SourcePlace, places_of
from encoder.kernel.tree import Tree
from tests.kernel.trees import TREE

ON = Configuration(name="test", options=frozenset({"CONFIG_A"}))


def shapes(statements: tuple[CStatement, ...]) -> list[object]:
    """Kinds and heads, blocks as lists."""
    found: list[object] = []
    for each in statements:
        found.append(f"{each.kind}: {text_of(each.tokens)}")
        found += [shapes(block) for block in (each.then, each.otherwise) if block]
    return found


def test_statements_with_their_blocks() -> None:
    text = "if (!a(b->c)) goto out; else if (x) { y = -1; } for (i = 0; i < n; i++) f(i, &p[i]); out: return 0;"
    statements, whole = statements_of(text)
    assert whole
    assert shapes(statements) == [
        "if: if (!a(b->c))",
        ["goto: goto out;"],
        ["if: if (x)", ["expression: y = -1;"]],
        "loop: for (i = 0; i < n; i++)",
        ["expression: f(i, &p[i]);"],
        "label: out",
        "return: return 0;",
    ]


def test_lines_are_those_of_the_file() -> None:
    (function,) = functions_of("\n\nint f(int a)\n{\n\t/* no */\n\treturn a;\n}\n", "x.c")
    assert (function.line, function.end, function.parameters) == (3, 7, ("a",))
    assert [each.line for each in function.statements] == [6]


def test_macros_with_parameters_are_functions() -> None:
    (function,) = functions_of("#define f(x) \\\n\tg(x, 1)\n", "x.h")
    assert (function.name, function.parameters) == ("f", ("x",))
    assert [text_of(each.tokens) for each in function.statements] == ["g(x, 1);"]


@pytest.mark.parametrize(
    ("head", "name", "parameters"),
    [
        ("SYSCALL_DEFINE0(munlockall)", "munlockall", ()),
        ("SYSCALL_DEFINE1(swapoff, const char __user *, specialfile)", "swapoff", ("specialfile",)),
        ("COMPAT_SYSCALL_DEFINE2(io_setup, u32, nr_reqs,\n\tu32 __user *, p)", "io_setup", ("nr_reqs", "p")),
        ("DEFINE_IDTENTRY_RAW_ERRORCODE(exc_page_fault)", "exc_page_fault", ()),
    ],
)
def test_macros_that_define_functions(head: str, name: str, parameters: tuple[str, ...]) -> None:
    (function,) = functions_of(f"int x;\n{head}\n{{\n\tint err = -1;\n\n\tf(err);\n}}\nEXPORT_SYMBOL(y);\n", "x.c")
    assert (function.name, function.parameters, function.line) == (name, parameters, 2)
    assert [each.kind for each in function.statements] == ["declaration", "expression"]
    assert function.end == head.count("\n") + 7


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("#ifdef CONFIG_A", "yes"),
        ("#ifndef CONFIG_A", "no"),
        ("#ifdef CONFIG_B", "no"),
        ("#if defined(CONFIG_A) && !defined(CONFIG_B)", "yes"),
        ("#if IS_ENABLED(CONFIG_B) || IS_ENABLED(CONFIG_A)", "yes"),
        ("#if 0", "no"),
        ("#if CONFIG_PGTABLE_LEVELS > 2", "yes no"),
        ("#ifndef __HAVE_ARCH_PTEP_GET", "yes no"),
        ("#if defined(CONFIG_B) && defined(SOMETHING)", "no"),
    ],
)
def test_configuration_keeps_what_the_preprocessor_keeps(condition: str, kept: str) -> None:
    text = ON.active(f"{condition}\nyes\n#else\nno\n#endif\nbehind\n")
    assert text.split() == [*kept.split(), "behind"]
    assert text.count("\n") == 6


def test_of_several_branches_one_is_kept() -> None:
    text = "#if defined(CONFIG_B)\n1\n#elif defined(CONFIG_A)\n2\n#elif defined(CONFIG_A)\n3\n#else\n4\n#endif\n"
    assert ON.active(text).split() == ["2"]


def test_configurations_have_names(tmp_path: Path) -> None:
    assert "x86-64" in configuration_names()
    assert "CONFIG_HAVE_GUP_FAST" in configuration("x86-64").options
    (tmp_path / ".config").write_text("CONFIG_X=y\n# CONFIG_Y is not set\nCONFIG_Z=m\nCONFIG_N=3\n")
    assert configuration(str(tmp_path / ".config")).options == {"CONFIG_X", "CONFIG_Z"}
    with pytest.raises(InputError) as caught:
        configuration("x86-46")
    assert caught.value.problems[0].nearest == "x86-64"


def test_places_that_a_source_names() -> None:
    source = "mm/gup.c gup_pte_range(), arch/x86/include/asm/pgtable.h pte_access_permitted(); FOLL_PIN"
    assert places_of(source) == (
        SourcePlace("mm/gup.c", "gup_pte_range"),
        SourcePlace("arch/x86/include/asm/pgtable.h", "pte_access_permitted"),
    )
    assert places_of("a question of this project") == ()


def test_tree_has_a_version_and_functions() -> None:
    tree = Tree(TREE, configuration("x86-64"))
    assert tree.version == "v6.12.3"
    found = tree.function("mm/gup.c", "gup_fast_pte_range")
    assert found is not None and len(found.statements) > 1
    assert tree.function("mm/gup.c", "nothing") is None
    assert tree.search("copy_page_range") == tree.function("mm/memory.c", "copy_page_range")


def test_folder_without_a_kernel_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match=r"kernel tree|no folder"):
            Tree(folder, ON)
