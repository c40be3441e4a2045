import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { TIERS, type Audience, type Meeting, type Tier } from '../../protocol';
import { audienceChoices, audienceKey, audienceOf } from '../../state/audience';
import { useSites } from '../../state/useSites';

/** An audience in words. */
export function useAudienceText(): (audience: Audience) => string {
  const { t } = useTranslation();
  const sites = useSites();
  const nameOf = (code: string): string => sites.find((site) => site.code === code)?.name ?? code;
  const tierOf = (tier: string): string =>
    (TIERS as readonly string[]).includes(tier) ? t(`tier.${tier as Tier}`) : tier;
  return (audience) => {
    if (typeof audience !== 'string') {
      return audience.sites.map(nameOf).join(', ');
    }
    const [kind, what = ''] = audience.split(/:(.*)/s);
    switch (kind) {
      case 'tier':
        return t('views.tier', { name: tierOf(what) });
      case 'branch':
        return t('views.branch', { name: nameOf(what) });
      case 'chair':
        return t('views.chair');
      default:
        return t('views.everyone');
    }
  };
}

interface PickerProps {
  label: string;
  testId: string;
  meeting: Meeting;
  /** As of `audienceKey`. */
  value: string;
  onChange: (value: string) => void;
}

export function AudiencePicker({ label, testId, meeting, value, onChange }: PickerProps) {
  const { t } = useTranslation();
  const textOf = useAudienceText();
  const { tiers, branches, sites } = audienceChoices(meeting, useSites());
  const choices: Audience[] = [
    'chair',
    'everyone',
    ...tiers.map((tier) => `tier:${tier}` as const),
    ...branches.map(({ code }) => `branch:${code}` as const),
    ...sites.map(({ code }) => ({ sites: [code] })),
  ];
  const data = choices.map((choice) => ({
    value: audienceKey(choice),
    label: typeof choice === 'string' ? textOf(choice) : t('views.site', { name: textOf(choice) }),
  }));
  if (!data.some((choice) => choice.value === value)) {
    data.push({ value, label: textOf(audienceOf(value)) });
  }
  return (
    <NativeSelect
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={data}
      data-testid={testId}
    />
  );
}
