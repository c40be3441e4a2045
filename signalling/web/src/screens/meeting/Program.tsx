import { ActionIcon, Button, Loader } from '@mantine/core';
import { useCallback, useEffect, useRef, useState, type CSSProperties, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { MediaState } from '../../media/session';
import { Icon } from '../../parts/icons';
import type { Meeting } from '../../protocol';
import classes from './Program.module.css';
import { SelfView } from './SelfView';

export interface ProgramProps {
  meeting: Meeting;
  media: MediaState;
  selfView: boolean;
}

/** The composed picture, as big as it can be, with its sound. */
export function Program({ meeting, media, selfView }: ProgramProps) {
  const { t } = useTranslation();
  const stage = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const sound = useSound(video, media.stream);
  const { width, height } = meeting.picture ?? { width: 16, height: 9 };
  const ratio = width > 0 && height > 0 ? width / height : 16 / 9;
  const cell = meeting.seats.find((seat) => seat.source === media.source)?.cell ?? media.cell;

  return (
    <div className={classes.stage} ref={stage} style={{ '--ratio': ratio } as CSSProperties}>
      <div className={classes.picture}>
        <video
          id="program"
          data-testid="program"
          ref={video}
          className={classes.video}
          aria-label={t('meeting.program')}
          autoPlay
          playsInline
        />
        {selfView && media.sending && media.camera && cell && (
          <SelfView track={media.camera} cell={cell} />
        )}
        <Notice media={media} />
        {sound.isBlocked && (
          <div className={classes.blocked}>
            <Button size="lg" leftSection={<Icon name="sound" size={24} />} onClick={sound.unblock} data-testid="unmute">
              {t('meeting.unmute')}
            </Button>
            <p>{t('meeting.unmuteWhy')}</p>
          </div>
        )}
      </div>
      <div className={classes.bar}>
        <ActionIcon
          variant="subtle"
          size="lg"
          aria-label={t(sound.isOff ? 'meeting.speakerOn' : 'meeting.speakerOff')}
          onClick={() => sound.setOff(!sound.isOff)}
        >
          <Icon name={sound.isOff ? 'soundOff' : 'sound'} />
        </ActionIcon>
        <input
          type="range"
          min="0"
          max="100"
          defaultValue="100"
          className={classes.volume}
          aria-label={t('meeting.volume')}
          onChange={(event) => {
            if (video.current) {
              video.current.volume = Number(event.currentTarget.value) / 100;
            }
          }}
        />
        <span className={classes.space} />
        {media.size && <span className={classes.size}>{t('meeting.received', media.size)}</span>}
        <ActionIcon
          variant="subtle"
          size="lg"
          aria-label={t('meeting.fullscreen')}
          title={t('meeting.fullscreen')}
          onClick={() => toggleFullscreen(stage.current)}
        >
          <Icon name="fullscreen" />
        </ActionIcon>
      </div>
    </div>
  );
}

function Notice({ media }: { media: MediaState }) {
  const { t } = useTranslation();
  const isBroken = media.phase === 'broken';
  if (!isBroken && media.size && media.phase === 'live') {
    return null;
  }
  return (
    <div className={classes.notice} data-broken={isBroken} role="status">
      <Loader size="sm" color="white" />
      <span>{t(isBroken ? 'meeting.broken' : 'meeting.connecting')}</span>
    </div>
  );
}

interface Sound {
  /** The browser refused to play sound before a gesture. */
  isBlocked: boolean;
  unblock: () => void;
  isOff: boolean;
  setOff: (off: boolean) => void;
}

function useSound(video: RefObject<HTMLVideoElement>, stream: MediaStream | null): Sound {
  const [isBlocked, setBlocked] = useState(false);
  const [isOff, setOff] = useState(false);

  useEffect(() => {
    if (video.current) {
      video.current.muted = isBlocked || isOff;
    }
  }, [video, isBlocked, isOff]);

  useEffect(() => {
    const element = video.current;
    if (!element || element.srcObject === stream) {
      return;
    }
    element.srcObject = stream;
    if (!stream) {
      return;
    }
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') {
        setBlocked(true);
        element.muted = true;
        element.play().catch(() => undefined);
      }
    });
  }, [video, stream]);

  const unblock = useCallback(() => {
    setBlocked(false);
    if (video.current) {
      video.current.muted = false;
      video.current.play().catch(() => setBlocked(true));
    }
  }, [video]);

  return { isBlocked, unblock, isOff, setOff };
}

function toggleFullscreen(element: HTMLElement | null): void {
  const change = document.fullscreenElement
    ? document.exitFullscreen()
    : element?.requestFullscreen?.();
  change?.catch(() => undefined);
}
