import i18n from 'i18next';
import { initReactI18next } from 'react-i18next';
import { readStored, writeStored } from '../state/useStored';
import en from './en.json';
import vi from './vi.json';

export const LANGUAGES = ['vi', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

/** The one that was chosen here before; at first what the browser prefers, Vietnamese if neither. */
export function chooseLanguage(stored: string | null, preferred: readonly string[]): Language {
  const known = [stored ?? '', ...preferred].map((tag) => tag.toLowerCase().split('-')[0]);
  return known.find((tag): tag is Language => tag === 'vi' || tag === 'en') ?? 'vi';
}

export function startI18n(): void {
  void i18n.use(initReactI18next).init({
    resources: { vi: { translation: vi }, en: { translation: en } },
    lng: chooseLanguage(readStored('language'), navigator.languages),
    fallbackLng: 'vi',
    // React escapes what it shows; a second escaping would garble names.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = language();
}

export function language(): Language {
  return i18n.language === 'en' ? 'en' : 'vi';
}

export function setLanguage(next: Language): void {
  writeStored('language', next);
  document.documentElement.lang = next;
  void i18n.changeLanguage(next);
}
