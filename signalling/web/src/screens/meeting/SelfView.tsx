import { useEffect, useRef } from 'react';
import type { Rect } from '../../protocol';
import classes from './SelfView.module.css';

const percent = (fraction: number): string => `${fraction * 100}%`;

/** The own camera, without delay, over the own cell of the composed picture. */
export function SelfView({ track, cell }: { track: MediaStreamTrack; cell: Rect }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) {
      video.current.srcObject = new MediaStream([track]);
    }
  }, [track]);
  return (
    <video
      ref={video}
      className={classes.video}
      aria-hidden="true"
      autoPlay
      playsInline
      muted
      style={{
        left: percent(cell.x),
        top: percent(cell.y),
        width: percent(cell.w),
        height: percent(cell.h),
      }}
    />
  );
}
