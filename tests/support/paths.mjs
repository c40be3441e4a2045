// Where things are. DIEMCAU_BUILD names the build preset whose programs are tested.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const PRESET = process.env.DIEMCAU_BUILD ?? 'release';
export const INPUT_DIR = path.join(ROOT, 'build/test-input');
export const SCREENSHOT_DIR = path.join(ROOT, 'build/screenshots');
export const SITES_CSV = path.join(ROOT, 'config/sites.csv');
export const LAYOUTS = path.join(ROOT, 'config/layouts.json');
export const CONFIG = path.join(ROOT, 'config/diemcau.conf');
export const WEB_ROOT = path.join(ROOT, 'signalling/web/dist');

/** Path of diemcau-NAME of a preset; throws when it has not been built. */
export function program(name, preset = PRESET) {
  const file = path.join(ROOT, 'build', preset, 'bin', `diemcau-${name}`);
  if (!existsSync(file)) {
    throw new Error(`${file} is missing: build the preset ${preset} first (scripts/test does)`);
  }
  return file;
}
