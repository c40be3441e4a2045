import { useCallback, useState } from 'react';

const PREFIX = 'diemcau.';

/** A switch that the browser remembers. Works, without memory, where storage is refused. */
export function useStored(name: string, initial: boolean): [boolean, (value: boolean) => void] {
  const [value, setValue] = useState(() => {
    const stored = readStored(name);
    return stored === null ? initial : stored === '1';
  });
  const set = useCallback(
    (next: boolean) => {
      setValue(next);
      writeStored(name, next ? '1' : '0');
    },
    [name],
  );
  return [value, set];
}

export function readStored(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function writeStored(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Nothing depends on the memory.
  }
}
