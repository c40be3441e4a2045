import type { ReactNode } from 'react';

/** Line drawings on a 24 × 24 grid. They decorate: the words are beside them, or in a label. */
const SHAPES = {
  record: (
    <>
      <circle cx="12" cy="12" r="9" />
      <circle cx="12" cy="12" r="4" fill="currentColor" stroke="none" />
    </>
  ),
  stop: <rect x="6" y="6" width="12" height="12" rx="1.5" />,
  play: <path d="M8 5.500l11 6.500-11 6.500z" />,
  download: <path d="M12 4v11M7 10.500l5 5 5-5M5 20h14" />,
  online: <path d="M5 12.5l4.5 4.5L19 7.5" />,
  offline: <path d="M12 3.5v8M7.2 6.4a7.5 7.5 0 1 0 9.6 0" />,
  meeting: (
    <>
      <rect x="3" y="5" width="18" height="12" rx="2" />
      <path d="M8 21h8M12 17v4" />
    </>
  ),
  noDevice: (
    <>
      <rect x="3" y="5" width="18" height="12" rx="2" strokeDasharray="3 3" />
      <path d="M8 21h8" />
    </>
  ),
  calling: (
    <path d="M6.5 4h3l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.500v3a1.5 1.5 0 0 1-1.5 1.500A15.5 15.5 0 0 1 5 5.5 1.5 1.5 0 0 1 6.5 4z" />
  ),
  missing: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7v6M12 16.500v.5" />
    </>
  ),
  lost: <path d="M3 3l18 18M8.5 16.500a5 5 0 0 1 7 0M5 13a10 10 0 0 1 4-2.400M19 13a10 10 0 0 0-6-2.900M2.5 9.500a14 14 0 0 1 4-2.500M21.5 9.500A14 14 0 0 0 10.5 6M12 20v.1" />,
  connecting: <path d="M12 3.500v3.500M12 17v3.500M3.5 12H7M17 12h3.500M6 6l2.5 2.500M15.5 15.500L18 18M6 18l2.5-2.500M15.5 8.500L18 6" />,
  antenna: <path d="M12 10v11M12 7.500a1.200 1.200 0 1 0 .1 0M8.500 11a5 5 0 0 1 0-6M15.500 11a5 5 0 0 0 0-6M5.500 13.500a9 9 0 0 1 0-11M18.500 13.500a9 9 0 0 0 0-11" />,
  pencil: <path d="M4 20l1-4.500L16.500 4a2 2 0 0 1 3 3L8.500 19 4 20zM14.500 6l3 3" />,
  microphone: (
    <>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5.5 11.500a6.5 6.5 0 0 0 13 0M12 18v3" />
    </>
  ),
  microphoneOff: (
    <>
      <path d="M3 3l18 18M9 9v2a3 3 0 0 0 4.5 2.600M15 11V6a3 3 0 0 0-5.8-1M5.5 11.500A6.5 6.5 0 0 0 16 16.600M18.5 11.500a6.5 6.5 0 0 1-.6 2.700M12 18v3" />
    </>
  ),
  camera: (
    <>
      <rect x="2.5" y="6.5" width="13" height="11" rx="2" />
      <path d="M15.5 10.500l6-3v9l-6-3" />
    </>
  ),
  cameraOff: <path d="M3 3l18 18M6.5 6.500h-2a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h9a2 2 0 0 0 1.7-1M10.5 6.500h3a2 2 0 0 1 2 2v2l6-3v9l-1.5-.8" />,
  enlarge: <path d="M14 4h6v6M10 20H4v-6M20 4l-7 7M4 20l7-7" />,
  remove: <path d="M6 6l12 12M18 6L6 18" />,
  search: (
    <>
      <circle cx="10.5" cy="10.5" r="6.5" />
      <path d="M15.5 15.500L21 21" />
    </>
  ),
  chevron: <path d="M9 5.500l6.5 6.500L9 18.5" />,
  sun: (
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2.500v2.500M12 19v2.500M2.5 12H5M19 12h2.500M5.3 5.300L7 7M17 17l1.7 1.700M5.3 18.700L7 17M17 7l1.7-1.7" />
    </>
  ),
  moon: <path d="M20 14.500A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.500z" />,
  auto: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 3.500v17a8.5 8.5 0 0 0 0-17z" fill="currentColor" />
    </>
  ),
  keyboard: (
    <>
      <rect x="2.5" y="6" width="19" height="12" rx="2" />
      <path d="M6.5 10h.1M10 10h.1M14 10h.1M17.5 10h.1M7.5 14h9" />
    </>
  ),
  user: (
    <>
      <circle cx="12" cy="8" r="4" />
      <path d="M4.5 20.500a7.5 7.5 0 0 1 15 0" />
    </>
  ),
  sound: <path d="M4 9.500v5h3.500L12 18.500v-13L7.5 9.500zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11" />,
  soundOff: <path d="M4 9.500v5h3.500L12 18.500v-13L7.5 9.500zM16 9.500l5 5M21 9.500l-5 5" />,
  fullscreen: <path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" />,
  letter: (
    <>
      <rect x="3" y="5.5" width="18" height="13" rx="2" />
      <path d="M3.500 7.500l8.500 6 8.500-6" />
    </>
  ),
  minus: <path d="M6 12h12" />,
  check: (
    <>
      <rect x="5" y="4" width="14" height="17" rx="2" />
      <path d="M9 4V2.500h6V4M8.500 12.500l2.500 2.500 4.500-5" />
    </>
  ),
  plus: <path d="M12 5v14M5 12h14" />,
  star: <path d="M12 3.500l2.6 5.4 5.9.8-4.3 4.1 1 5.900L12 16.900l-5.2 2.8 1-5.900L3.5 9.700l5.9-.800z" />,
  hand: <path d="M8 12V5.500a1.500 1.500 0 0 1 3 0V11M11 10.500V4a1.500 1.500 0 0 1 3 0v6.500M14 11V5.500a1.500 1.500 0 0 1 3 0V14a7 7 0 0 1-7 7c-3 0-4.500-1.500-6-4.500l-1.500-3a1.500 1.500 0 0 1 2.500-1.500l3 3" />,
  up: <path d="M12 19V5.500M6 11.500l6-6 6 6" />,
  down: <path d="M12 5v13.500M6 12.500l6 6 6-6" />,
  roll: <path d="M4 6.500l1.500 1.500L8.500 5M4 13l1.500 1.500L8.500 11.500M4 19.500h4.500M12 7h8M12 13h8M12 19.500h8" />,
  more: <path d="M5 12h.1M12 12h.1M19 12h.1" />,
  message: <path d="M4 5h16v11H11l-5 4v-4H4z" />,
  file: <path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6" />,
  gauge: <path d="M4 18a9 9 0 1 1 16 0M12 14l4-4.500M12 14v.1" />,
  calendar: (
    <>
      <rect x="3.5" y="5" width="17" height="15.5" rx="2" />
      <path d="M3.5 10h17M8 2.500v4M16 2.500v4" />
    </>
  ),
  edit: <path d="M4 20l1-4.500L16.500 4l3.500 3.500L8.500 19zM14 6.500l3.500 3.500" />,
  back: <path d="M11 5.500L4.5 12l6.5 6.500M5 12h15" />,
  end: <path d="M3 13.500c5-5 13-5 18 0l-2 3-4-1.500v-2.500a9 9 0 0 0-6 0V15l-4 1.500z" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[name]}
    </svg>
  );
}
