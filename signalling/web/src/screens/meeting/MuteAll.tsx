import { Button, Checkbox, Popover } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { useToasts } from '../../parts/Toaster';
import type { Meeting, Seat } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import classes from './Meeting.module.css';

/** Mutes everybody but a few: those who lead or speak now are offered as exceptions. */
export function MuteAll({ meeting, own }: { meeting: Meeting; own: number }) {
  const { t } = useTranslation();
  const live = useLive();
  const { notify, attempt } = useToasts();
  const [isOpen, setOpen] = useState(false);
  const [candidates, setCandidates] = useState<Seat[]>([]);
  const [except, setExcept] = useState<string[]>([]);

  const open = (): void => {
    const speaking = live.voices().voices.map((voice) => voice.source);
    const leading = [meeting.chair, meeting.floor, meeting.spotlight, own];
    const offered = meeting.seats.filter(({ source }) => [...leading, ...speaking].includes(source));
    setCandidates(offered);
    setExcept(offered.filter(({ source }) => leading.includes(source)).map((seat) => String(seat.source)));
    setOpen(true);
  };

  const lift = (): void => {
    setOpen(false);
    void attempt(
      live.client.request('seat.mute_all', { meeting: meeting.id, except: [], muted: false }),
    );
  };

  const muteAll = async (): Promise<void> => {
    setOpen(false);
    const kept = except.map(Number);
    const heard = meeting.seats.filter((seat) => !seat.muted && !kept.includes(seat.source));
    const done = await attempt(
      live.client.request('seat.mute_all', { meeting: meeting.id, except: kept }),
    );
    if (done) {
      const undo = async (): Promise<void> => {
        const muted = meeting.seats.filter((seat) => seat.muted).map(({ source }) => source);
        await attempt(
          live.client.request('seat.mute_all', { meeting: meeting.id, except: muted, muted: false }),
        );
      };
      notify({
        text: t('meeting.muteAllDone', { count: heard.length }),
        action: { label: t('app.undo'), run: () => void undo() },
      });
    }
  };

  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus position="bottom-end" shadow="md">
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Icon name="microphoneOff" size={16} />}
          onClick={() => (isOpen ? setOpen(false) : open())}
          data-testid="mute-all"
        >
          {t('meeting.muteAll')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('meeting.muteAll')}>
        {candidates.length > 0 ? (
          <Checkbox.Group label={t('meeting.muteAllTitle')} value={except} onChange={setExcept}>
            <div className={classes.exceptions}>
              {candidates.map((seat) => (
                <Checkbox key={seat.source} value={String(seat.source)} label={seat.name} />
              ))}
            </div>
          </Checkbox.Group>
        ) : (
          <p className={classes.question}>{t('meeting.muteAllNone')}</p>
        )}
        <Button fullWidth color="red" onClick={() => void muteAll()} data-testid="mute-all-confirm">
          {t('meeting.muteAllSubmit')}
        </Button>
        {meeting.muted_all && (
          <>
            <p className={classes.question}>{t('meeting.mutedAll')}</p>
            <Button fullWidth variant="default" onClick={lift} data-testid="mute-all-lift">
              {t('meeting.muteAllLift')}
            </Button>
          </>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
