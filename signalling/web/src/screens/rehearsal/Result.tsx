import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon, type IconName } from '../../parts/icons';
import { StateMark, type Tone } from '../../parts/StateMark';
import type { Rehearsal } from '../../protocol';
import { REHEARSAL_REPORT } from '../../protocol/rest';
import { parseProgress } from '../../state/progress';
import classes from './Rehearsal.module.css';

/** What the server says when it ends a rehearsal by itself, see signalling/meetings.c. */
const BY_MEETING = 'a meeting was opened';

/** How far the rehearsal is, and what came of it. */
export function Result({ rehearsal }: { rehearsal: Rehearsal | null }) {
  const { t } = useTranslation();
  return (
    <section className={classes.panel} aria-labelledby="rehearsal-result">
      <h2 id="rehearsal-result" className={classes.panelTitle}>
        {t('rehearsal.result')}
      </h2>
      {rehearsal && rehearsal.state !== 'idle' && rehearsal.profile ? (
        <>
          <p>
            {t('rehearsal.what', {
              profile: t(`rehearsal.${rehearsal.profile}`),
              sites: rehearsal.sites,
              seconds: rehearsal.seconds,
            })}
          </p>
          <Verdict rehearsal={rehearsal} />
          {rehearsal.state !== 'done' && <ProgressLine rehearsal={rehearsal} />}
        </>
      ) : (
        <p className={classes.hint}>{t(rehearsal ? 'rehearsal.never' : 'app.loading')}</p>
      )}
      {rehearsal?.report && <ReportLink isEarlier={rehearsal.state !== 'done'} />}
    </section>
  );
}

function Verdict({ rehearsal }: { rehearsal: Rehearsal }) {
  const { t } = useTranslation();
  const { state, pass, stopped } = rehearsal;
  const mark = (): { tone: Tone; icon: IconName; text: string } => {
    if (state === 'running') {
      return { tone: 'wait', icon: 'connecting', text: t('rehearsal.running') };
    }
    if (state === 'done') {
      return pass
        ? { tone: 'online', icon: 'online', text: t('rehearsal.pass') }
        : { tone: 'bad', icon: 'missing', text: t('rehearsal.miss') };
    }
    return { tone: 'bad', icon: 'missing', text: stoppedText() };
  };
  const stoppedText = (): string => {
    if (stopped === BY_MEETING) {
      return t('rehearsal.stoppedByMeeting');
    }
    return stopped ? t('rehearsal.stoppedBy', { who: stopped }) : t('rehearsal.failed');
  };
  return (
    <p className={classes.verdict} role="status" data-testid="rehearsal-verdict" data-state={state} data-pass={pass}>
      <StateMark {...mark()} />
    </p>
  );
}

function ProgressLine({ rehearsal }: { rehearsal: Rehearsal }) {
  const { t } = useTranslation();
  const { done, text } = parseProgress(rehearsal.progress);
  if (rehearsal.state !== 'running' && !text) {
    return null;
  }
  return (
    <div className={classes.progress}>
      {rehearsal.state === 'running' && (
        <progress
          className={classes.bar}
          aria-label={t('rehearsal.title')}
          max={100}
          {...(done !== null && { value: Math.round(done * 100) })}
          data-testid="rehearsal-bar"
        />
      )}
      <p className={classes.line} title={t('rehearsal.lastLine')} data-testid="rehearsal-line">
        {done !== null && <span>{Math.round(done * 100)} % </span>}
        <span lang={text ? 'en' : undefined}>{text || t('rehearsal.preparing')}</span>
      </p>
    </div>
  );
}

function ReportLink({ isEarlier }: { isEarlier: boolean }) {
  const { t } = useTranslation();
  return (
    <Button
      component="a"
      href={REHEARSAL_REPORT}
      target="_blank"
      rel="noopener"
      variant="light"
      leftSection={<Icon name="enlarge" />}
      title={t('rehearsal.reportNewTab')}
      data-testid="rehearsal-report"
    >
      {t(isEarlier ? 'rehearsal.earlierReport' : 'rehearsal.report')}
    </Button>
  );
}
