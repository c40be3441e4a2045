import { Button, Radio, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { useErrorText } from '../../parts/useErrorText';
import { ProtocolError, REHEARSAL_PROFILES, type RehearsalProfile } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { useMeetings } from '../../state/useMeetings';
import classes from './Rehearsal.module.css';

const SITES = { min: 1, max: 2070, usual: '207' };
const SECONDS = { min: 5, max: 3600, usual: '60' };

interface Range {
  min: number;
  max: number;
}

const isWithin = (text: string, { min, max }: Range): boolean =>
  /^\d+$/.test(text.trim()) && Number(text) >= min && Number(text) <= max;

/** What to rehearse, and the button that starts or ends it. */
export function Plan({ isRunning }: { isRunning: boolean }) {
  const { t } = useTranslation();
  const [profile, setProfile] = useState<RehearsalProfile>('plenary');
  const [sites, setSites] = useState(SITES.usual);
  const [seconds, setSeconds] = useState(SECONDS.usual);
  const hasMeeting = useMeetings().length > 0;
  const { problem, isBusy, start, stop } = useActs(hasMeeting);
  const isPossible = isWithin(sites, SITES) && isWithin(seconds, SECONDS) && !hasMeeting;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isPossible && !isRunning) {
      start({ profile, sites: Number(sites), seconds: Number(seconds) });
    }
  };

  return (
    <form className={classes.panel} onSubmit={submit} aria-label={t('rehearsal.plan')}>
      <Radio.Group
        label={t('rehearsal.plan')}
        value={profile}
        onChange={(value) => setProfile(value as RehearsalProfile)}
      >
        <div className={classes.profiles}>
          {REHEARSAL_PROFILES.map((name) => (
            <Radio
              key={name}
              value={name}
              label={t(`rehearsal.${name}`)}
              description={t(`rehearsal.${name}Text`)}
              disabled={isRunning}
              data-testid={`profile-${name}`}
            />
          ))}
        </div>
      </Radio.Group>
      <div className={classes.numbers}>
        <NumberField name="sites" value={sites} range={SITES} disabled={isRunning} onChange={setSites} />
        <NumberField name="seconds" value={seconds} range={SECONDS} disabled={isRunning} onChange={setSeconds} />
      </div>
      <div role="status" aria-live="polite" data-testid="rehearsal-problem">
        {(hasMeeting || problem) && (
          <p className={classes.problem}>
            <Icon name="missing" />
            <span>{hasMeeting ? t('rehearsal.meetingOpen') : problem}</span>
          </p>
        )}
      </div>
      {isRunning ? (
        <Button size="lg" color="red" loading={isBusy} onClick={stop} data-testid="rehearsal-stop">
          {t('rehearsal.stop')}
        </Button>
      ) : (
        <Button
          size="lg"
          type="submit"
          leftSection={<Icon name="gauge" size={22} />}
          loading={isBusy}
          disabled={!isPossible}
          data-testid="rehearsal-start"
        >
          {t('rehearsal.start')}
        </Button>
      )}
    </form>
  );
}

interface NumberFieldProps {
  name: 'sites' | 'seconds';
  value: string;
  range: Range;
  disabled: boolean;
  onChange: (value: string) => void;
}

function NumberField({ name, value, range, disabled, onChange }: NumberFieldProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t(`rehearsal.${name}`)}
      inputMode="numeric"
      autoComplete="off"
      value={value}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={!isWithin(value, range) && t('rehearsal.range', { min: range.min, max: range.max })}
      data-testid={`rehearsal-${name}`}
    />
  );
}

interface Acts {
  /** Why the last act was refused. */
  problem: string | null;
  isBusy: boolean;
  start: (plan: { profile: RehearsalProfile; sites: number; seconds: number }) => void;
  stop: () => void;
}

function useActs(hasMeeting: boolean): Acts {
  const { t } = useTranslation();
  const live = useLive();
  const errorText = useErrorText();
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const textOf = (error: unknown): string => {
    const code = error instanceof ProtocolError ? error.code : null;
    if (code === 'conflict') {
      return t(hasMeeting ? 'rehearsal.meetingOpen' : 'rehearsal.alreadyRuns');
    }
    return code === 'unavailable' ? t('rehearsal.notInstalled') : errorText(error);
  };
  const run = (act: Promise<unknown>): void => {
    setBusy(true);
    setProblem(null);
    act.catch((error: unknown) => setProblem(textOf(error))).finally(() => setBusy(false));
  };
  return {
    problem,
    isBusy,
    start: (plan) => run(live.client.request('rehearsal.start', plan)),
    stop: () => run(live.client.request('rehearsal.stop', {})),
  };
}
