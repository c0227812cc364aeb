/* Written for tests: the names are the kernel's, the code is not. */

static bool pte_is_pinned(struct vm_area_struct *vma, unsigned long addr, pte_t pte)
{
	if (!pte_write(pte))
		return false;
	if (likely(!test_bit(MMF_HAS_PINNED, &vma->vm_mm->flags)))
		return false;
	return folio_maybe_dma_pinned(vm_normal_folio(vma, addr, pte));
}

static void clear_soft_dirty(struct vm_area_struct *vma, unsigned long addr, pte_t *pte)
{
	pte_t ptent = ptep_get(pte);

	if (pte_present(ptent)) {
		pte_t old_pte;

		if (pte_is_pinned(vma, addr, ptent))
			return;
		old_pte = ptep_modify_prot_start(vma, addr, pte);
		ptent = pte_wrprotect(old_pte);
		ptent = pte_clear_soft_dirty(ptent);
		ptep_modify_prot_commit(vma, addr, pte, old_pte, ptent);
	} else if (is_swap_pte(ptent)) {
		ptent = pte_swp_clear_soft_dirty(ptent);
		set_pte_at(vma->vm_mm, addr, pte, ptent);
	}
}

static int clear_refs_pte_range(pmd_t *pmd, unsigned long addr, unsigned long end, struct mm_walk *walk)
{
	struct vm_area_struct *vma = walk->vma;
	spinlock_t *ptl;
	pte_t *pte;

	pte = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl);
	for (; addr != end; pte++, addr += PAGE_SIZE)
		clear_soft_dirty(vma, addr, pte);
	pte_unmap_unlock(pte - 1, ptl);
	return 0;
}

static ssize_t clear_refs_write(struct mm_struct *mm, size_t count)
{
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	inc_tlb_flush_pending(mm);
	walk_page_range(mm, 0, -1, &clear_refs_walk_ops, NULL);
	flush_tlb_mm(mm);
	dec_tlb_flush_pending(mm);
	mmap_write_unlock(mm);
	return count;
}
