import { describe, expect, it } from 'vitest';
import type { Recording } from '../src/protocol';
import { formatBytes, withRecording } from '../src/state/recordings';

const recording = (id: number, state: Recording['state'] = 'done'): Recording => ({
  id,
  meeting: 1,
  view: 0,
  title: 'Giao ban',
  state,
  alarm: null,
  reason: null,
  by: 'chutri',
  started_ms: 0,
  ended_ms: null,
  bytes: 0,
  duration_ms: 0,
  gap_ms: 0,
});

describe('the list of recordings', () => {
  it('puts a new one first and replaces one that is known', () => {
    const list = withRecording([recording(2), recording(1)], recording(3, 'recording'));
    expect(list.map(({ id }) => id)).toEqual([3, 2, 1]);
    const later = withRecording(list, recording(2, 'failed'));
    expect(later.map(({ state }) => state)).toEqual(['recording', 'failed', 'done']);
  });

  it('says sizes as a file manager does', () => {
    expect(formatBytes(8_470_000, 'vi-VN')).toBe('8,5 MB');
    expect(formatBytes(85_400_000, 'en-GB')).toBe('85 MB');
    expect(formatBytes(1_234_000_000, 'vi-VN')).toBe('1,2 GB');
  });
});
