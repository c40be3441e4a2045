import { describe, expect, it } from 'vitest';
import { fold, matches } from '../src/state/search';

describe('search', () => {
  it.each([
    ['cai be', 'Huyện Cái Bè'],
    ['CÁI BÈ', 'huyện cái bè'],
    ['do', 'Đô thị'],
    ['go cong dong', 'UBND huyện Gò Công Đông'],
    ['tan phuoc', 'Xã Tân Phước'],
    ['be cai', 'Cái Bè'],
    ['  ', 'Cái Bè'],
    ['uy', 'Ủy ban'],
  ])('finds %j in %j', (query, text) => {
    expect(matches(query, text)).toBe(true);
  });

  it.each([
    ['cai lay', 'Cái Bè'],
    ['cái bè x', 'Cái Bè'],
  ])('does not find %j in %j', (query, text) => {
    expect(matches(query, text)).toBe(false);
  });

  it('folds composed and decomposed spelling to the same', () => {
    expect(fold('Cái Bè'.normalize('NFD'))).toBe(fold('Cái Bè'.normalize('NFC')));
    expect(fold('Đường Nguyễn Huệ')).toBe('duong nguyen hue');
  });
});
