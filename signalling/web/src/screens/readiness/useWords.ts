import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { PARTS, type Checked, type Exam, type Part } from '../../protocol';

/** What is wrong, by part and the reason the server gives. */
const WHY = {
  'network unanswered': 'readiness.unanswered',
  'network slow_up': 'readiness.slowUp',
  'network slow_down': 'readiness.slowDown',
  'network far': 'readiness.far',
  'camera black': 'readiness.cameraBlack',
  'camera none': 'readiness.cameraNone',
  'camera simulated': 'readiness.simulated',
  'microphone silent': 'readiness.microphoneSilent',
  'microphone none': 'readiness.microphoneNone',
  'microphone simulated': 'readiness.simulated',
  'speaker unheard': 'readiness.speakerUnheard',
  'speaker failed': 'readiness.speakerFailed',
  'clock off': 'readiness.clockOff',
  'disk full': 'readiness.diskFull',
} as const;

const MISSING = {
  no_device: 'readiness.noDevice',
  offline: 'readiness.offline',
  no_answer: 'readiness.noAnswer',
} as const;

const GIB = 1024;

export interface ReadinessWords {
  /** Of one part: a figure when all is well, otherwise the reason. */
  ofPart: (part: Part, checked: Checked) => string;
  /** Why the site is not green; '' when it is. */
  ofExam: (exam: Exam) => string;
}

/** The board in words of the page's language. */
export function useWords(): ReadinessWords {
  const { t } = useTranslation();

  const ofPart = useCallback(
    (part: Part, checked: Checked): string => {
      const figures = {
        up: checked.up_kbps ?? '–',
        down: checked.down_kbps ?? '–',
        ms: checked.rtt_ms ?? '–',
        seconds: Math.round(Math.abs(checked.clock_ms ?? 0) / 1000),
        size: ((checked.disk_mib ?? 0) / GIB).toFixed(1),
      };
      const why = WHY[`${part} ${checked.reason}` as keyof typeof WHY];
      if (why) {
        return t(why, figures);
      }
      if (checked.light === 'untested') {
        return t('readiness.untestedPart');
      }
      if (part === 'network') {
        return t(checked.up_kbps == null ? 'readiness.networkQuiet' : 'readiness.networkGood', figures);
      }
      return part === 'disk' ? t('readiness.diskGood', figures) : t('readiness.partGood');
    },
    [t],
  );

  const ofExam = useCallback(
    (exam: Exam): string => {
      if (exam.reason !== null) {
        return t(MISSING[exam.reason]);
      }
      const { checks } = exam;
      if (checks === null) {
        return '';
      }
      return PARTS.filter((part) => checks[part].light === 'bad' || checks[part].light === 'fair')
        .map((part) => ofPart(part, checks[part]))
        .join('; ');
    },
    [t, ofPart],
  );
  return { ofPart, ofExam };
}
