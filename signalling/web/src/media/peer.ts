import type { Invite } from '../protocol';

const JITTER_TARGET_MS = 40;

/** One media session: the RTCPeerConnection that answers one `invite`. */
export interface Peer {
  invite: Invite;
  pc: RTCPeerConnection;
  audio: RTCRtpTransceiver;
  video: RTCRtpTransceiver;
  /** Both received tracks; the same stream, so that the browser keeps lips and sound together. */
  stream: MediaStream;
}

export interface LocalTracks {
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
}

export function openPeer(invite: Invite, local: LocalTracks): Peer {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const add = (kind: 'audio' | 'video'): RTCRtpTransceiver => {
    const track = invite.send ? local[kind] : null;
    const direction = invite.send ? 'sendrecv' : 'recvonly';
    return pc.addTransceiver(track ?? kind, { direction });
  };
  const audio = add('audio');
  const video = add('video');
  preferVp8(video);
  for (const { receiver } of [audio, video]) {
    Object.assign(receiver, { jitterBufferTarget: JITTER_TARGET_MS });
  }
  const stream = new MediaStream([audio.receiver.track, video.receiver.track]);
  return { invite, pc, audio, video, stream };
}

/** VP8 is what the bridge encodes for everybody; other codecs stay offered behind it. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities?.('video')?.codecs;
  if (!codecs || !('setCodecPreferences' in transceiver)) {
    return;
  }
  const isVp8 = (codec: { mimeType: string }): boolean =>
    codec.mimeType.toLowerCase() === 'video/vp8';
  transceiver.setCodecPreferences([
    ...codecs.filter(isVp8),
    ...codecs.filter((codec) => !isVp8(codec)),
  ]);
}

export interface Inbound {
  bytes: number;
  width: number;
  height: number;
  fps: number;
}

export async function inbound(pc: RTCPeerConnection): Promise<Inbound> {
  const sum: Inbound = { bytes: 0, width: 0, height: 0, fps: 0 };
  (await pc.getStats()).forEach((entry: Record<string, unknown>) => {
    if (entry.type !== 'inbound-rtp') {
      return;
    }
    sum.bytes += Number(entry.bytesReceived ?? 0);
    if (entry.kind === 'video') {
      sum.width = Number(entry.frameWidth ?? 0);
      sum.height = Number(entry.frameHeight ?? 0);
      sum.fps = Math.round(Number(entry.framesPerSecond ?? 0));
    }
  });
  return sum;
}
