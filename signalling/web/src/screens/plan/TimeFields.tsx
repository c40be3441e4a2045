import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fromInputs, toInputs } from '../../state/calendar';
import classes from './Plan.module.css';
import type { Draft } from './PlanScreen';

const LENGTHS_MIN = [30, 45, 60, 90, 120, 150, 180, 240, 300, 480];

export interface TimeFieldsProps {
  time: Draft['time'];
  /** `start_ms` is NaN while date and time are none. */
  onChange: (time: Draft['time']) => void;
}

/** When, how long, how often. */
export function TimeFields({ time, onChange }: TimeFieldsProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(() => toInputs(time.start_ms));
  const type = (change: Partial<typeof typed>): void => {
    const next = { ...typed, ...change };
    setTyped(next);
    onChange({ ...time, start_ms: fromInputs(next.date, next.time) });
  };
  const lengths = [...new Set([...LENGTHS_MIN, time.minutes])].sort((a, b) => a - b);
  return (
    <fieldset className={classes.time}>
      <legend className={classes.label}>{t('plan.when')}</legend>
      <div className={classes.numbers}>
        <TextInput
          type="date"
          label={t('plan.date')}
          value={typed.date}
          onChange={(event) => type({ date: event.currentTarget.value })}
          data-testid="plan-date"
        />
        <TextInput
          type="time"
          label={t('plan.time')}
          value={typed.time}
          onChange={(event) => type({ time: event.currentTarget.value })}
          data-testid="plan-time"
        />
        <NativeSelect
          label={t('plan.length')}
          value={String(time.minutes)}
          onChange={(event) => onChange({ ...time, minutes: Number(event.currentTarget.value) })}
          data={lengths.map((minutes) => ({ value: String(minutes), label: t('plan.minutes', { count: minutes }) }))}
        />
      </div>
      <Checkbox
        label={t('plan.weekly')}
        checked={time.weekly}
        onChange={(event) => onChange({ ...time, weekly: event.currentTarget.checked })}
        data-testid="plan-weekly"
      />
      <Checkbox
        label={t('plan.autoOpen')}
        description={t('plan.autoOpenHint')}
        checked={time.auto_open}
        onChange={(event) => onChange({ ...time, auto_open: event.currentTarget.checked })}
      />
    </fieldset>
  );
}
