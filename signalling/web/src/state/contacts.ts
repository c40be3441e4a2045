import type { Contact, Site } from '../protocol';

export interface ContactList {
  contacts: Contact[];
  /** Lines that are not a site of ours and an address. */
  wrong: string[];
}

const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$/;

/** One site a line: its code and its address, as a spreadsheet or a person writes them. */
export function readContacts(text: string, sites: readonly Site[]): ContactList {
  const codes = new Set(sites.map(({ code }) => code));
  const list: ContactList = { contacts: [], wrong: [] };
  for (const line of text.split('\n').map((each) => each.trim()).filter(Boolean)) {
    const [site = '', email = '', ...more] = line.split(/[\s;,]+/).filter(Boolean);
    if (codes.has(site) && ADDRESS.test(email) && more.length === 0) {
      list.contacts.push({ site, email });
    } else {
      list.wrong.push(line);
    }
  }
  return list;
}
