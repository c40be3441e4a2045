import { describe, expect, it } from 'vitest';
import type { Site } from '../src/protocol';
import { readContacts } from '../src/state/contacts';

const sites = ['TG', 'MT-09'].map((code) => ({ code }) as Site);

describe('a pasted list of addresses', () => {
  it('is read with blanks, tabs, commas or semicolons between', () => {
    expect(readContacts('TG a@b.vn\nMT-09\tc@d.vn\n\nTG; e@f.vn\r\nMT-09,g@h.vn', sites)).toEqual({
      contacts: [
        { site: 'TG', email: 'a@b.vn' },
        { site: 'MT-09', email: 'c@d.vn' },
        { site: 'TG', email: 'e@f.vn' },
        { site: 'MT-09', email: 'g@h.vn' },
      ],
      wrong: [],
    });
  });

  it('names the lines that are not right', () => {
    expect(readContacts('TG\nXX a@b\nTG a@b c@d\nTG không-phải\nTG <a@b>', sites).wrong).toHaveLength(5);
  });
});
