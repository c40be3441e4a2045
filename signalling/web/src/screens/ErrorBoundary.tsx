import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Entry.module.css';

/** Instead of a blank page when a component fails: what happened, and the way out. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useTranslation();
  return (
    <main className={classes.main} role="alert">
      <p className={classes.intro}>{t('app.broken')}</p>
      <Button mt="md" onClick={() => window.location.reload()}>
        {t('app.reload')}
      </Button>
    </main>
  );
}
