import { Kbd, Modal, Switch } from '@mantine/core';
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import { useTranslation } from 'react-i18next';
import { useStored } from '../state/useStored';
import classes from './shortcuts.module.css';

interface Shortcuts {
  enabled: boolean;
  showHelp: () => void;
}

const ShortcutContext = createContext<Shortcuts>({ enabled: true, showHelp: () => undefined });

export const useShortcutHelp = (): (() => void) => useContext(ShortcutContext).showHelp;

/** Single keys and what they do, while the component is shown. Keys are lower case. */
export function useShortcuts(keys: Record<string, () => void>): void {
  const { enabled } = useContext(ShortcutContext);
  useKeyListener(keys, enabled);
}

function useKeyListener(keys: Record<string, () => void>, enabled: boolean): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    if (!enabled) {
      return undefined;
    }
    const onKey = (event: KeyboardEvent): void => {
      const run = latest.current[event.key.toLowerCase()];
      if (run && isPlain(event) && !isTyping(event.target) && !isDialogOpen()) {
        event.preventDefault();
        run();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [enabled]);
}

const isPlain = (event: KeyboardEvent): boolean =>
  !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.repeat;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches('input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]');

const isDialogOpen = (): boolean => document.querySelector('[role=dialog]') !== null;

/** Holds the switch for single-key shortcuts (WCAG 2.1.4) and the dialog that lists them. */
export function ShortcutProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [enabled, setEnabled] = useStored('keys', true);
  const [isShown, setShown] = useState(false);
  const value = useMemo(() => ({ enabled, showHelp: () => setShown(true) }), [enabled]);
  useKeyListener({ '?': value.showHelp }, enabled);

  const rows = [
    ['?', t('keys.help')],
    ['/', t('keys.search')],
    ['M', t('keys.microphone')],
    ['V', t('keys.camera')],
    ['H', t('keys.hand')],
    ['N', t('keys.next')],
  ] as const;

  return (
    <ShortcutContext.Provider value={value}>
      {children}
      <Modal
        opened={isShown}
        onClose={() => setShown(false)}
        title={t('keys.title')}
        lockScroll={false}
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <dl className={classes.list}>
          {rows.map(([key, text]) => (
            <div key={key} className={classes.row}>
              <dt>
                <Kbd size="md">{key}</Kbd>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <Switch
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
          label={t('keys.enabled')}
        />
      </Modal>
    </ShortcutContext.Provider>
  );
}
