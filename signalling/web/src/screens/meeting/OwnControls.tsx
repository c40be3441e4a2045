import { Button, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CaptureError } from '../../media/capture';
import type { MediaSession, MediaState } from '../../media/session';
import { Icon } from '../../parts/icons';
import { useShortcuts } from '../../parts/shortcuts';
import { useToasts } from '../../parts/Toaster';
import type { Meeting } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import classes from './Meeting.module.css';
import { OwnHand } from './OwnHand';

export interface OwnControlsProps {
  meeting: Meeting;
  session: MediaSession;
  media: MediaState;
  mayLead: boolean;
  selfView: boolean;
  onSelfView: (on: boolean) => void;
}

/** The user's own part: joining with a camera, and the switches for microphone and camera. */
export function OwnControls(props: OwnControlsProps) {
  const { session, media } = props;
  const microphone = useMicrophone(props);
  const toggleCamera = (): void => void session.setCamera(!media.cameraOn);
  useDismissal(media);
  useShortcuts(media.sending ? { m: microphone.toggle, v: toggleCamera } : {});

  return (
    <div className={classes.own}>
      {media.sending ? (
        <Joined {...props} microphone={microphone} onCamera={toggleCamera} />
      ) : (
        <JoinButton session={session} />
      )}
    </div>
  );
}

function JoinButton({ session }: { session: MediaSession }) {
  const { t } = useTranslation();
  const { notify, attempt } = useToasts();
  const [isBusy, setBusy] = useState(false);

  const join = async (): Promise<void> => {
    setBusy(true);
    try {
      await session.sendCamera();
    } catch (error) {
      if (error instanceof CaptureError) {
        notify({ text: t(`meeting.capture.${error.problem}`), tone: 'bad' });
      } else {
        await attempt(Promise.reject(error));
      }
    }
    setBusy(false);
  };

  return (
    <Button
      variant="light"
      leftSection={<Icon name="camera" />}
      disabled={isBusy}
      onClick={() => void join()}
      data-testid="join-camera"
    >
      {t(isBusy ? 'meeting.joining' : 'meeting.join')}
    </Button>
  );
}

interface JoinedProps extends OwnControlsProps {
  microphone: Microphone;
  onCamera: () => void;
}

function Joined({ meeting, session, media, selfView, onSelfView, microphone, onCamera }: JoinedProps) {
  const { t } = useTranslation();
  return (
    <>
      <Button
        variant={microphone.isOn ? 'default' : 'filled'}
        color="red"
        leftSection={<Icon name={microphone.isOn ? 'microphone' : 'microphoneOff'} />}
        onClick={microphone.toggle}
        aria-keyshortcuts="m"
        data-testid="own-microphone"
      >
        {t(microphone.isOn ? 'meeting.microphoneOff' : 'meeting.microphoneOn')}
      </Button>
      <Button
        variant={media.cameraOn ? 'default' : 'filled'}
        color="red"
        leftSection={<Icon name={media.cameraOn ? 'camera' : 'cameraOff'} />}
        onClick={onCamera}
        aria-keyshortcuts="v"
        data-testid="own-camera"
      >
        {t(media.cameraOn ? 'meeting.cameraOff' : 'meeting.cameraOn')}
      </Button>
      <OwnHand meeting={meeting} own={media.source} />
      <Button
        variant="default"
        leftSection={<Icon name="remove" />}
        onClick={() => void session.stopCamera()}
        data-testid="leave-camera"
      >
        {t('meeting.leave')}
      </Button>
      <Switch
        checked={selfView}
        onChange={(event) => onSelfView(event.currentTarget.checked)}
        label={t('meeting.selfView')}
        title={t('meeting.selfViewHint')}
        data-testid="selfview"
      />
      {media.hardMuted && (
        <p className={classes.hardMuted} role="status">
          <Icon name="microphoneOff" />
          {media.mutedBy ? t('meeting.hardMutedBy', { by: media.mutedBy }) : t('meeting.hardMuted')}
        </p>
      )}
    </>
  );
}

interface Microphone {
  isOn: boolean;
  toggle: () => void;
}

/**
 * The own microphone is heard when neither the page nor the bridge mutes it. A host may lift the
 * bridge's mute of the own seat with the same button; a technician may not.
 */
function useMicrophone({ meeting, session, media, mayLead }: OwnControlsProps): Microphone {
  const live = useLive();
  const { attempt } = useToasts();
  const isOn = media.microphoneOn && !media.hardMuted;
  const toggle = (): void => {
    session.setMicrophone(!isOn);
    if (!isOn && media.hardMuted && mayLead) {
      const { source } = media;
      void attempt(
        live.client.request('seat.mute', { meeting: meeting.id, source, muted: false }),
      );
    }
  };
  return { isOn, toggle };
}

function useDismissal(media: MediaState): void {
  const { t } = useTranslation();
  const { notify } = useToasts();
  const { dismissed } = media;
  useEffect(() => {
    if (dismissed) {
      notify({ text: t(`meeting.dismissed.${dismissed}`) });
    }
  }, [dismissed, notify, t]);
}
