import { describe, expect, it } from 'vitest';
import { parseProgress } from '../src/state/progress';

describe('the progress line of a load test', () => {
  it('has its bar as a number and the rest as text', () => {
    expect(parseProgress('[########............]  40 %  measuring  3/3 joined')).toEqual({
      done: 0.4,
      text: 'measuring  3/3 joined',
    });
    expect(parseProgress('[####################] 100 %')).toEqual({ done: 1, text: '' });
  });

  it('may have no bar, or something else in brackets', () => {
    expect(parseProgress('starting  0/3 joined')).toEqual({ done: null, text: 'starting  0/3 joined' });
    expect(parseProgress('[error] 40 % of it')).toEqual({ done: null, text: '[error] 40 % of it' });
    expect(parseProgress('')).toEqual({ done: null, text: '' });
  });
});
