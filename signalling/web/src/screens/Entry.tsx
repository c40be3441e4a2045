import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Header } from '../parts/Header';
import { useTitle } from '../parts/useTitle';
import classes from './Entry.module.css';

/** The frame of the screens before somebody is logged in: one card in the middle. */
export function Entry({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  useTitle(title);
  return (
    <>
      <Header user={null} />
      <main className={classes.main}>
        <div className={classes.card}>
          <img src="./icon.svg" alt="" width="52" height="52" />
          <p className={classes.product}>{t('app.name')}</p>
          <h1 className={classes.title}>{title}</h1>
          {children}
        </div>
      </main>
    </>
  );
}
