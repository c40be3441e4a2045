import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { useShortcuts } from '../../parts/shortcuts';
import { useToasts } from '../../parts/Toaster';
import type { Meeting } from '../../protocol';
import { speakingTime } from '../../state/floor';
import { useLive } from '../../state/LiveContext';
import { useServerNow } from '../../state/useServerNow';
import classes from './Floor.module.css';

/** Who has the floor and for how long, and the button for the next one. */
export function Speaker({ meeting, mayLead }: { meeting: Meeting; mayLead: boolean }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const speaker = meeting.seats.find(({ source }) => source === meeting.floor);
  const waiting = meeting.hands.length;
  const next = (): void =>
    void attempt(live.client.request('floor.next', { meeting: meeting.id }));
  useShortcuts(mayLead && waiting > 0 ? { n: next } : {});

  if (!speaker && waiting === 0) {
    return null;
  }
  return (
    <section className={classes.speaker} aria-label={t('floor.now')} data-testid="speaker">
      <Icon name="hand" size={20} />
      <p className={classes.who}>
        {speaker ? speaker.name : t('floor.waiting', { count: waiting })}
      </p>
      {speaker && meeting.floor_since_ms !== null && (
        <Timer sinceMs={meeting.floor_since_ms} limitS={meeting.speaking_limit_s} />
      )}
      {mayLead && waiting > 0 && (
        <Button size="compact-md" onClick={next} aria-keyshortcuts="n" data-testid="floor-next">
          {t('floor.next')}
        </Button>
      )}
      {mayLead && speaker && (
        <Button
          size="compact-md"
          variant="default"
          onClick={() =>
            void attempt(live.client.request('meeting.floor', { meeting: meeting.id, source: null }))
          }
          data-testid="floor-end"
        >
          {t('floor.end')}
        </Button>
      )}
    </section>
  );
}

function Timer({ sinceMs, limitS }: { sinceMs: number; limitS: number | null }) {
  const { t } = useTranslation();
  const { usedS, leftS, tone } = speakingTime(sinceMs, limitS, useServerNow());
  const clock = formatDuration(Math.abs(leftS ?? usedS) * 1000);
  const text =
    leftS === null ? t('floor.used', { time: clock })
    : tone === 'red' ? t('floor.over', { time: clock })
    : t('floor.left', { time: clock });
  return (
    <span className={classes.timer} data-tone={tone} role="timer" data-testid="speaking-timer">
      {text}
    </span>
  );
}
