/** Puts the focus into the first field that something is said against, once that is shown. */
export function focusFirst(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => {
    const selector = '[aria-invalid="true"], [data-error] input, [role="alert"]';
    form?.querySelector<HTMLElement>(selector)?.focus();
  });
}
