import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMonth } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { useTitle } from '../../parts/useTitle';
import type { User } from '../../protocol';
import { addDays, addMonths, monthGrid, startOfMonth, startOfWeek, weekOf } from '../../state/calendar';
import { useOccasions } from '../../state/usePlans';
import classes from './Calendar.module.css';
import { Month } from './Month';
import { Week } from './Week';

type Shape = 'week' | 'month';

/** The meetings to come: a week as a list, a month as a grid. */
export function Calendar({ user }: { user: User }) {
  const { t } = useTranslation();
  const [shape, setShape] = useState<Shape>('week');
  const [at, setAt] = useState(Date.now);
  useTitle(t('calendar.title'));

  const days = useMemo(() => (shape === 'week' ? weekOf(at) : monthGrid(at)), [shape, at]);
  const first = days[0] ?? 0;
  const occasions = useOccasions(first, addDays(days[days.length - 1] ?? first, 1));
  const move = (by: 1 | -1): void =>
    setAt((old) => (shape === 'week' ? addDays(startOfWeek(old), 7 * by) : addMonths(startOfMonth(old), by)));
  const mayPlan = user.role !== 'technician';
  const showDay = (day: number): void => {
    setAt(day);
    setShape('week');
  };

  return (
    <main id="main" className={classes.main}>
      <div className={classes.head}>
        <h1 className={classes.title}>{t('calendar.title')}</h1>
        <Turner shape={shape} label={formatMonth(shape === 'week' ? addDays(first, 3) : at)} onMove={move} onToday={() => setAt(Date.now())} />
        <span className={classes.space} />
        <SegmentedControl
          aria-label={t('calendar.shape')}
          value={shape}
          onChange={(value) => setShape(value as Shape)}
          data={[
            { value: 'week', label: t('calendar.week') },
            { value: 'month', label: t('calendar.month') },
          ]}
        />
        {mayPlan && (
          <Button component="a" href="#/plan?kind=schedule" leftSection={<Icon name="plus" />} data-testid="schedule-new">
            {t('calendar.new')}
          </Button>
        )}
      </div>
      {shape === 'week' ? (
        <Week days={days} occasions={occasions ?? []} mayPlan={mayPlan} />
      ) : (
        <Month days={days} month={at} occasions={occasions ?? []} onDay={showDay} />
      )}
    </main>
  );
}

interface TurnerProps {
  shape: Shape;
  label: string;
  onMove: (by: 1 | -1) => void;
  onToday: () => void;
}

function Turner({ shape, label, onMove, onToday }: TurnerProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.turner}>
      <ActionIcon variant="default" size="lg" aria-label={t(`calendar.${shape}Before`)} onClick={() => onMove(-1)} className={classes.mirrored}>
        <Icon name="chevron" />
      </ActionIcon>
      <span className={classes.span} role="status" aria-live="polite">
        {label}
      </span>
      <ActionIcon variant="default" size="lg" aria-label={t(`calendar.${shape}After`)} onClick={() => onMove(1)} data-testid="calendar-after">
        <Icon name="chevron" />
      </ActionIcon>
      <Button variant="subtle" size="compact-md" onClick={onToday}>
        {t('calendar.today')}
      </Button>
    </div>
  );
}
