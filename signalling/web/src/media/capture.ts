import type { LocalTracks } from './peer';

const VIDEO: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 25, max: 30 },
};
const AUDIO: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** Why no camera or microphone could be had, in words that have a translation. */
export type CaptureProblem = 'denied' | 'none' | 'busy' | 'insecure' | 'other';

export class CaptureError extends Error {
  constructor(readonly problem: CaptureProblem) {
    super(problem);
  }
}

/** Camera and microphone; or, on a machine that lacks one of them, the other alone. */
export async function capture(): Promise<LocalTracks> {
  try {
    return await ask({ audio: AUDIO, video: VIDEO });
  } catch (error) {
    if (toProblem(error) !== 'none' && toProblem(error) !== 'busy') {
      throw new CaptureError(toProblem(error));
    }
    return await ask({ audio: AUDIO })
      .catch(() => ask({ video: VIDEO }))
      .catch((last: unknown) => Promise.reject(new CaptureError(toProblem(last))));
  }
}

export async function captureCamera(): Promise<MediaStreamTrack | null> {
  return (await ask({ video: VIDEO }).catch(() => null))?.video ?? null;
}

export function stopTracks(tracks: LocalTracks): void {
  tracks.audio?.stop();
  tracks.video?.stop();
}

async function ask(constraints: MediaStreamConstraints): Promise<LocalTracks> {
  if (!navigator.mediaDevices) {
    throw new CaptureError('insecure');
  }
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  return {
    audio: stream.getAudioTracks()[0] ?? null,
    video: stream.getVideoTracks()[0] ?? null,
  };
}

function toProblem(error: unknown): CaptureProblem {
  if (error instanceof CaptureError) {
    return error.problem;
  }
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'other';
  }
}
