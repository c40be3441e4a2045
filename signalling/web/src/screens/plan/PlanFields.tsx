import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { LayoutPicker } from '../../parts/LayoutPicker';
import type { Plan, Site } from '../../protocol';
import { agendaOf, isAgendaGood, titleProblem } from '../../state/plan';
import { useLayouts, usePresets } from '../../state/useLayouts';
import classes from './Plan.module.css';

const ROTATE_S = { min: 2, max: 3600 };
const SPEAKING_MIN = { min: 1, max: 120 };
const SECONDS = 60;

export interface PlanFieldsProps {
  plan: Plan;
  /** As it is typed. */
  title: string;
  chosen: readonly Site[];
  onChange: (change: Partial<Plan>) => void;
}

export function PlanFields({ plan, title, chosen, onChange }: PlanFieldsProps) {
  const { t } = useTranslation();
  const layouts = useLayouts();
  const presets = usePresets();
  const problem = titleProblem(title);
  return (
    <>
      <TextInput
        label={t('home.meetingTitle')}
        value={title}
        onChange={(event) => onChange({ title: event.currentTarget.value })}
        error={title !== '' && problem && t(problem)}
        autoComplete="off"
        data-testid="plan-title"
      />
      <NativeSelect
        label={t('seat.chair')}
        value={plan.chair ?? ''}
        onChange={(event) => onChange({ chair: event.currentTarget.value || null })}
        data={[{ value: '', label: t('plan.noChair') }, ...chosen.map(({ code, name }) => ({ value: code, label: name }))]}
        data-testid="plan-chair"
      />
      <NativeSelect
        label={t('plan.preset')}
        value={plan.preset ?? ''}
        onChange={(event) => onChange({ preset: event.currentTarget.value || null })}
        data={[
          { value: '', label: t('plan.noPreset') },
          ...presets.map(({ name, title: titles }) => ({ value: name, label: titles[language()] })),
        ]}
      />
      {plan.preset === null && (
        <div>
          <p className={classes.label}>{t('home.layout')}</p>
          <LayoutPicker
            label={t('home.layout')}
            layouts={layouts}
            value={plan.layout}
            onChange={(layout) => onChange({ layout })}
          />
        </div>
      )}
      <div className={classes.numbers}>
        <OptionalNumber
          label={t('plan.rotate')}
          hint={t('plan.rotateHint')}
          value={plan.rotate_s}
          range={ROTATE_S}
          onChange={(rotate_s) => onChange({ rotate_s })}
        />
        <OptionalNumber
          label={t('plan.speaking')}
          hint={t('plan.speakingHint')}
          value={plan.speaking_limit_s && plan.speaking_limit_s / SECONDS}
          range={SPEAKING_MIN}
          onChange={(minutes) => onChange({ speaking_limit_s: minutes && minutes * SECONDS })}
        />
      </div>
      <Agenda agenda={plan.agenda} onChange={(agenda) => onChange({ agenda })} />
      <Checkbox
        label={t('plan.record')}
        checked={plan.record}
        onChange={(event) => onChange({ record: event.currentTarget.checked })}
      />
    </>
  );
}

function Agenda({ agenda, onChange }: { agenda: string[]; onChange: (agenda: string[]) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(agenda.join('\n'));
  return (
    <Textarea
      label={t('plan.agenda')}
      description={t('plan.agendaHint')}
      minRows={3}
      rows={4}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(agendaOf(event.currentTarget.value));
      }}
      error={!isAgendaGood(agenda) && t('plan.agendaLong')}
      data-testid="plan-agenda"
    />
  );
}

interface OptionalNumberProps {
  label: string;
  hint: string;
  value: number | null;
  range: { min: number; max: number };
  onChange: (value: number | null) => void;
}

/** A whole number, or nothing. What is out of range is not taken. */
function OptionalNumber({ label, hint, value, range, onChange }: OptionalNumberProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(value === null ? '' : String(value));
  const isGood = (typed: string): boolean =>
    /^\d+$/.test(typed) && Number(typed) >= range.min && Number(typed) <= range.max;
  return (
    <TextInput
      label={label}
      description={hint}
      inputMode="numeric"
      autoComplete="off"
      value={text}
      onChange={(event) => {
        const typed = event.currentTarget.value.trim();
        setText(typed);
        onChange(isGood(typed) ? Number(typed) : null);
      }}
      error={text !== '' && !isGood(text) && t('rehearsal.range', range)}
    />
  );
}
