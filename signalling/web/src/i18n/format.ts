import { language } from './index';

/** "14:30, 24/11/2025" in the language of the page. */
export function formatMoment(ms: number): string {
  const locale = language() === 'vi' ? 'vi-VN' : 'en-GB';
  const date = new Date(ms);
  const time = date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
  const day = date.toLocaleDateString(locale, { day: '2-digit', month: '2-digit', year: 'numeric' });
  return `${time}, ${day}`;
}

/** "14:30" in the language of the page. */
export function formatTime(ms: number): string {
  const locale = language() === 'vi' ? 'vi-VN' : 'en-GB';
  return new Date(ms).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
}

/** "5:07" or "1:05:07". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}
