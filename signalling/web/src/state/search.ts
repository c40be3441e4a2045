/** Lower case without diacritics: "Cái Bè" → "cai be", "Đông" → "dong". */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase();
}

/** True when every word of `query` occurs in `text`, ignoring case and diacritics. */
export function matches(query: string, text: string): boolean {
  const haystack = fold(text);
  return fold(query)
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
