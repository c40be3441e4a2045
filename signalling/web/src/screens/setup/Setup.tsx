import { Alert, Anchor, Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../parts/useErrorText';
import { RestError, setup } from '../../protocol/rest';
import { Entry } from '../Entry';
import classes from '../Entry.module.css';

export interface SetupProps {
  token: string;
  /** False once the server has a user: the link cannot work any more. */
  isOpen: boolean;
  onDone: () => Promise<void>;
}

/** The first user, made from the one-time link. */
export function Setup({ token, isOpen, onDone }: SetupProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await setup(token, String(form.get('username')).trim(), String(form.get('password')));
      await onDone();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  const refused = error instanceof RestError ? error : null;
  const isBadToken = refused !== null && (refused.field === 'token' || [401, 403, 404].includes(refused.status));
  const isOfField = refused?.field === 'name' || refused?.field === 'password';
  if (!token || !isOpen) {
    return (
      <Entry title={t('setup.title')}>
        <Alert color="red" variant="light" w="100%">
          {isOpen ? t('setup.noToken') : t('setup.already')}
        </Alert>
        <Anchor href="#/login" mt="md">
          {t('setup.toLogin')}
        </Anchor>
      </Entry>
    );
  }
  return (
    <Entry title={t('setup.title')}>
      <form className={classes.form} onSubmit={(event) => void submit(event)} data-testid="setup-form">
        <p className={classes.intro}>{t('setup.intro')}</p>
        <TextInput
          name="username"
          label={t('setup.name')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          autoFocus
          error={refused?.field === 'name' && t('setup.badName', { message: refused.detail })}
          data-testid="login-name"
        />
        <PasswordInput
          name="password"
          label={t('setup.password')}
          description={t('setup.passwordHint')}
          autoComplete="new-password"
          required
          withAsterisk={false}
          error={refused?.field === 'password' && t('setup.badPassword', { message: refused.detail })}
          data-testid="login-password"
        />
        {error !== null && !isOfField && (
          <Alert color="red" variant="light" role="alert">
            {isBadToken ? t('setup.badToken') : errorText(error)}
          </Alert>
        )}
        <Button type="submit" size="md" loading={isBusy} data-testid="login-submit">
          {t('setup.submit')}
        </Button>
      </form>
    </Entry>
  );
}
