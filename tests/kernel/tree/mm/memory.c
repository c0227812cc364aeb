/* Written for tests: the names are the kernel's, the code is not. */

static int copy_present_page(struct vm_area_struct *dst_vma, pte_t *dst_pte, unsigned long addr, struct folio **prealloc)
{
	struct folio *new_folio = *prealloc;
	pte_t pte;

	if (!new_folio)
		return -EAGAIN;
	folio_add_new_anon_rmap(new_folio, dst_vma, addr, RMAP_EXCLUSIVE);
	pte = mk_pte(&new_folio->page, dst_vma->vm_page_prot);
	set_pte_at(dst_vma->vm_mm, addr, dst_pte, pte);
	return 0;
}

static void __copy_present_ptes(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma, pte_t *dst_pte,
				pte_t *src_pte, pte_t pte, unsigned long addr, int nr)
{
	struct mm_struct *src_mm = src_vma->vm_mm;

	if (is_cow_mapping(src_vma->vm_flags) && pte_write(pte)) {
		wrprotect_ptes(src_mm, addr, src_pte, nr);
		pte = pte_wrprotect(pte);
	}
	set_ptes(dst_vma->vm_mm, addr, dst_pte, pte, nr);
}

static int copy_present_ptes(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma, pte_t *dst_pte,
			     pte_t *src_pte, pte_t pte, unsigned long addr, int max_nr, int *rss, struct folio **prealloc)
{
	struct page *page = vm_normal_page(src_vma, addr, pte);
	struct folio *folio = page_folio(page);

	folio_get(folio);
	if (unlikely(folio_try_dup_anon_rmap_pte(folio, page, src_vma))) {
		folio_put(folio);
		return copy_present_page(dst_vma, dst_pte, addr, prealloc);
	}
	__copy_present_ptes(dst_vma, src_vma, dst_pte, src_pte, pte, addr, 1);
	return 1;
}

int copy_page_range(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma)
{
	struct mm_struct *src_mm = src_vma->vm_mm;
	unsigned long addr = src_vma->vm_start;
	bool is_cow = is_cow_mapping(src_vma->vm_flags);
	int ret = 0;

	if (is_cow) {
		mmap_assert_write_locked(src_mm);
		raw_write_seqcount_begin(&src_mm->write_protect_seq);
	}

	do {
		if (copy_p4d_range(dst_vma, src_vma, addr)) {
			ret = -ENOMEM;
			break;
		}
	} while (addr += PGDIR_SIZE, addr != src_vma->vm_end);

	if (is_cow)
		raw_write_seqcount_end(&src_mm->write_protect_seq);
	return ret;
}
