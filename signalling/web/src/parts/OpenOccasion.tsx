import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Occasion } from '../protocol';
import { useLive } from '../state/LiveContext';
import { useNow } from '../state/useNow';
import { go } from '../state/useRoute';
import { useToasts } from './Toaster';

const MINUTE_MS = 60_000;
/** So long before its time a meeting can be opened by one press. */
const EARLY_MS = 60 * MINUTE_MS;

/** Opens a meeting of the calendar at its time, or enters the one that is open. Nothing before and after. */
export function OpenOccasion({ occasion, mayOpen }: { occasion: Occasion; mayOpen: boolean }) {
  const { t } = useTranslation();
  const { client } = useLive();
  const { attempt } = useToasts();
  const [isBusy, setBusy] = useState(false);
  const now = useNow(MINUTE_MS / 4);
  const { schedule, title, start_ms, minutes, meeting } = occasion;
  const isTime = now >= start_ms - EARLY_MS && now < start_ms + minutes * MINUTE_MS;

  const open = async (): Promise<void> => {
    setBusy(true);
    await attempt(client.request('schedule.open', { schedule }).then((reply) => go(`/meeting/${reply.meeting}`)));
    setBusy(false);
  };
  if (!isTime) {
    return null;
  }
  if (meeting !== null) {
    return (
      <Button component="a" href={`#/meeting/${meeting}`} variant="light" aria-label={t('home.enterMeeting', { title })}>
        {t('home.enter')}
      </Button>
    );
  }
  return mayOpen ? (
    <Button
      loading={isBusy}
      onClick={() => void open()}
      aria-label={t('calendar.openMeeting', { title })}
      data-testid={`open-schedule-${schedule}`}
    >
      {t('calendar.open')}
    </Button>
  ) : null;
}
