import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../parts/useErrorText';
import { login, RestError } from '../../protocol/rest';
import { Entry } from '../Entry';
import classes from '../Entry.module.css';

export interface LoginProps {
  /** The server has no user yet: logging in cannot work. */
  needsSetup: boolean;
  onDone: () => Promise<void>;
}

export function Login({ needsSetup, onDone }: LoginProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const wait = useWait();

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = String(form.get('username')).trim();
    const password = String(form.get('password'));
    if (!name || !password) {
      setProblem(t('login.missing'));
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await login(name, password);
      await onDone();
    } catch (error) {
      if (error instanceof RestError && error.status === 429) {
        wait.start(error.retryAfterS ?? 60);
      } else if (error instanceof RestError && error.status === 401) {
        setProblem(t('error.bad_credentials'));
      } else {
        setProblem(errorText(error));
      }
    } finally {
      setBusy(false);
    }
  };

  const text = wait.seconds > 0 ? t('error.tooMany', { count: wait.seconds }) : problem;
  return (
    <Entry title={t('login.title')}>
      <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        {needsSetup && (
          <Alert color="blue" variant="light">
            {t('login.setupNeeded')}
          </Alert>
        )}
        <TextInput
          name="username"
          label={t('login.name')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          data-testid="login-name"
        />
        <PasswordInput
          name="password"
          label={t('login.password')}
          autoComplete="current-password"
          data-testid="login-password"
        />
        {text && (
          <Alert color="red" variant="light" role="alert" data-testid="login-error">
            {text}
          </Alert>
        )}
        <Button
          type="submit"
          size="md"
          loading={isBusy}
          disabled={wait.seconds > 0}
          data-testid="login-submit"
        >
          {t('login.submit')}
        </Button>
      </form>
    </Entry>
  );
}

/** Seconds that the server asked to wait, counted down. */
function useWait(): { seconds: number; start: (seconds: number) => void } {
  const [seconds, start] = useState(0);
  useEffect(() => {
    if (seconds <= 0) {
      return undefined;
    }
    const timer = setTimeout(() => start(seconds - 1), 1000);
    return () => clearTimeout(timer);
  }, [seconds]);
  return { seconds, start };
}
