import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnection } from '../state/useConnection';
import { useLive } from '../state/LiveContext';
import classes from './ConnectionBanner.module.css';
import { Icon } from './icons';

/** Says that the server is away and when the page tries again. Hidden at the very first start. */
export function ConnectionBanner({ inMeeting }: { inMeeting: boolean }) {
  const { t } = useTranslation();
  const live = useLive();
  const { status, ready } = useConnection();
  const [wasReady, setWasReady] = useState(false);
  const seconds = useCountdown(status.phase === 'waiting' ? status.retryAt : null);

  useEffect(() => {
    if (ready) {
      setWasReady(true);
    }
  }, [ready]);

  const isFirst = !wasReady && status.phase !== 'waiting';
  if (ready || isFirst) {
    return null;
  }
  return (
    <div className={classes.banner} data-testid="reconnect-banner">
      <Icon name="lost" />
      <span role="alert">{t('connection.lost')}</span>
      {inMeeting && <span>{t('connection.mediaGoesOn')}</span>}
      <span>
        {status.phase === 'waiting'
          ? t('connection.retryIn', { seconds })
          : t('connection.connecting')}
      </span>
      {status.phase === 'waiting' && (
        <Button size="compact-sm" variant="default" onClick={() => live.client.retryNow()}>
          {t('connection.retryNow')}
        </Button>
      )}
    </div>
  );
}

function useCountdown(untilMs: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (untilMs === null) {
      return undefined;
    }
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [untilMs]);
  return untilMs === null ? 0 : Math.max(0, Math.ceil((untilMs - now) / 1000));
}
