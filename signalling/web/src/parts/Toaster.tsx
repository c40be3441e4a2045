import { Button, CloseButton } from '@mantine/core';
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icons';
import classes from './Toaster.module.css';
import { useErrorText } from './useErrorText';

const SHOWN_MS = 8_000;
const MOST = 4;

export interface Toast {
  text: string;
  tone?: 'plain' | 'bad';
  action?: { label: string; run: () => void };
}

interface Toasts {
  notify: (toast: Toast) => void;
  /** Waits for an act and says so when it fails. True when it succeeded. */
  attempt: (act: Promise<unknown>) => Promise<boolean>;
}

const ToastContext = createContext<Toasts | null>(null);

export function useToasts(): Toasts {
  const toasts = useContext(ToastContext);
  if (!toasts) {
    throw new Error('useToasts outside of Toaster');
  }
  return toasts;
}

/** Short messages in a corner, read out politely. */
export function Toaster({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [shown, setShown] = useState<Array<Toast & { key: number }>>([]);
  const nextKey = useRef(0);

  const drop = useCallback((key: number) => {
    setShown((list) => list.filter((toast) => toast.key !== key));
  }, []);
  const notify = useCallback(
    (toast: Toast) => {
      const key = nextKey.current++;
      setShown((list) => [...list.filter(({ text }) => text !== toast.text), { ...toast, key }].slice(-MOST));
      setTimeout(() => drop(key), SHOWN_MS);
    },
    [drop],
  );
  const attempt = useCallback(
    (act: Promise<unknown>) =>
      act.then(
        () => true,
        (error: unknown) => {
          notify({ text: errorText(error), tone: 'bad' });
          return false;
        },
      ),
    [notify, errorText],
  );
  const value = useMemo(() => ({ notify, attempt }), [notify, attempt]);

  return (
    <ToastContext.Provider value={value}>
      {children}
      <div className={classes.stack} role="status" aria-live="polite">
        {shown.map(({ key, text, tone, action }) => (
          <div key={key} className={classes.toast} data-tone={tone ?? 'plain'}>
            {tone === 'bad' && <Icon name="missing" />}
            <span className={classes.text}>{text}</span>
            {action && (
              <Button
                size="compact-sm"
                variant="light"
                onClick={() => {
                  action.run();
                  drop(key);
                }}
              >
                {action.label}
              </Button>
            )}
            <CloseButton aria-label={t('app.close')} onClick={() => drop(key)} />
          </div>
        ))}
      </div>
    </ToastContext.Provider>
  );
}
