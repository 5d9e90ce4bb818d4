/** Puts `text` into the clipboard. Pages that came unencrypted from another host may only do it as one types Ctrl-C. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    const before = document.activeElement as HTMLElement | null;
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus();
    return done;
  }
}
