import { useTranslation } from 'react-i18next';
import { useTitle } from '../../parts/useTitle';
import type { User } from '../../protocol';
import { useRehearsal } from '../../state/useRehearsal';
import { Notice } from '../Notice';
import { Plan } from './Plan';
import classes from './Rehearsal.module.css';
import { Result } from './Result';

/** "Tổng duyệt": a load test of this server with simulated sites, for technicians. */
export function Rehearsal({ user }: { user: User }) {
  const { t } = useTranslation();
  useTitle(t('rehearsal.title'));
  return user.role === 'host' ? <Notice text={t('rehearsal.notAllowed')} /> : <Allowed />;
}

function Allowed() {
  const { t } = useTranslation();
  const rehearsal = useRehearsal();
  return (
    <main id="main" className={classes.main}>
      <div>
        <h1 className={classes.title}>{t('rehearsal.title')}</h1>
        <p className={classes.hint}>{t('rehearsal.intro')}</p>
      </div>
      <Plan isRunning={rehearsal?.state === 'running'} />
      <Result rehearsal={rehearsal} />
    </main>
  );
}
