import { useTranslation } from 'react-i18next';
import type { MeetingId, Stats } from '../../protocol';
import { gradeOf } from '../../state/quality';
import { useMeeting } from '../../state/useMeetings';
import { useQuality } from '../../state/useQuality';
import classes from './QualityMark.module.css';

const BARS = { good: 3, fair: 2, poor: 1 };

/** How good a seat's connection is: bars for the eye, figures in words for everybody. */
export function QualityMark({ meeting, source }: { meeting: MeetingId; source: number }) {
  const { t } = useTranslation();
  const stats = useQuality(source);
  const words = useWords(meeting, stats);
  const grade = stats && gradeOf(stats);
  const text = words ?? t('seat.qualityUnknown');
  return (
    <span
      role="img"
      className={classes.mark}
      title={text}
      aria-label={text}
      data-grade={grade ?? 'unknown'}
      data-testid={`quality-${source}`}
    >
      {[1, 2, 3].map((bar) => (
        <span key={bar} className={classes.bar} data-on={grade !== null && bar <= BARS[grade]} />
      ))}
    </span>
  );
}

/** "mất gói 6 %, trễ 180 ms, 360p, nhận 480 kbit/s, gửi 150 kbit/s" */
function useWords(meeting: MeetingId, stats: Stats | null): string | null {
  const { t } = useTranslation();
  const views = useMeeting(meeting)?.views;
  if (!stats) {
    return null;
  }
  const rung = views?.flatMap((view) => view.rungs).find(({ id }) => id === stats.rung);
  const loss = Math.max(stats.loss_in_pct, stats.loss_out_pct);
  return [
    t('seat.loss', { loss: Math.round(loss) }),
    stats.rtt_ms !== null && t('seat.rtt', { ms: Math.round(stats.rtt_ms) }),
    rung ? `${rung.height}p` : stats.rung === null && t('seat.noPicture'),
    t('seat.rates', { down: Math.round(stats.out_kbps), up: Math.round(stats.in_kbps) }),
  ]
    .filter(Boolean)
    .join(', ');
}
