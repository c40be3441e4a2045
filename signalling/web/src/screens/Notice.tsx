import { Anchor, Loader } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './Entry.module.css';

/** A screen with one sentence. */
export function Notice({ text, isBusy = false }: { text: string; isBusy?: boolean }) {
  const { t } = useTranslation();
  return (
    <main id="main" className={classes.main} role="status">
      {isBusy && <Loader mb="md" />}
      <p className={classes.intro}>{text}</p>
      {!isBusy && (
        <Anchor href="#/" mt="md">
          {t('app.home')}
        </Anchor>
      )}
    </main>
  );
}
