import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { useShortcuts } from '../../parts/shortcuts';
import { useToasts } from '../../parts/Toaster';
import type { Meeting } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { queuePlaces } from '../../state/seats';

/** The own hand, its place in the queue, and the answer to the roll. */
export function OwnHand({ meeting, own }: { meeting: Meeting; own: number }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const place = queuePlaces(meeting.hands).get(own) ?? 0;
  const toggle = (): void =>
    void attempt(
      live.client.request(place > 0 ? 'hand.lower' : 'hand.raise', { meeting: meeting.id }),
    );
  useShortcuts({ h: toggle });
  return (
    <>
      <Button
        variant={place > 0 ? 'filled' : 'default'}
        leftSection={<Icon name="hand" />}
        onClick={toggle}
        aria-pressed={place > 0}
        aria-keyshortcuts="h"
        data-testid="own-hand"
      >
        {place > 0 ? t('floor.lower', { place }) : t('floor.raise')}
      </Button>
      {meeting.roll.source !== null && meeting.roll.source === own && (
        <Button
          color="green"
          leftSection={<Icon name="roll" />}
          onClick={() => void attempt(live.client.request('roll.answer', { meeting: meeting.id }))}
          data-testid="own-present"
        >
          {t('roll.answer')}
        </Button>
      )}
    </>
  );
}
