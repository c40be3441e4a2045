import type { Demand } from '../protocol';

/** Until the server says what it wants, this little is harmless on any link. */
export const FIRST_DEMAND: Demand = { width: 320, height: 180, fps: 15, kbps: 150 };

export interface Encoding {
  active: boolean;
  scaleResolutionDownBy?: number;
  maxFramerate?: number;
  maxBitrate?: number;
}

/** The encoding that makes a track of the given real size meet `demand`. Never scales up. */
export function encodingFor(demand: Demand, track: { width: number; height: number }): Encoding {
  const { width, height, fps, kbps } = demand;
  if (width <= 0 || height <= 0 || fps <= 0 || kbps <= 0) {
    return { active: false };
  }
  const scale = Math.max(track.width / width, track.height / height);
  return {
    active: true,
    scaleResolutionDownBy: Number.isFinite(scale) ? Math.max(1, scale) : 1,
    maxFramerate: fps,
    maxBitrate: kbps * 1000,
  };
}

/** Makes `sender` obey. Does nothing where the sender has no encoding yet; call again later. */
export async function applyDemand(sender: RTCRtpSender, demand: Demand): Promise<void> {
  const parameters = sender.getParameters();
  const encoding = parameters.encodings?.[0];
  if (!encoding) {
    return;
  }
  const { width = 0, height = 0 } = sender.track?.getSettings() ?? {};
  Object.assign(encoding, encodingFor(demand, { width, height }));
  // The size is the tile's: under pressure frames are dropped, pixels are not.
  Object.assign(parameters, { degradationPreference: 'maintain-resolution' });
  await sender.setParameters(parameters);
}
