import type { Recording } from '../protocol';

/** The list with this one in its place: the latest first. */
export function withRecording(list: readonly Recording[], recording: Recording): Recording[] {
  const others = list.filter(({ id }) => id !== recording.id);
  return [...others, recording].sort((a, b) => b.id - a.id);
}

export const fileUrl = (id: number): string => `./api/v1/recordings/${id}/file`;
export const downloadUrl = (id: number): string => `./api/v1/recordings/${id}/download`;

/** "85 MB", "1,2 GB": as a file manager says it. */
export function formatBytes(bytes: number, locale: string): string {
  const isLarge = bytes >= 1e9;
  const value = isLarge ? bytes / 1e9 : bytes / 1e6;
  const digits = isLarge || value < 10 ? 1 : 0;
  const text = value.toLocaleString(locale, { maximumFractionDigits: digits });
  return `${text} ${isLarge ? 'GB' : 'MB'}`;
}
