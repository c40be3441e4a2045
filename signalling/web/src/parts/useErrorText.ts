import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { ERROR_CODES, ProtocolError } from '../protocol';
import { RestError } from '../protocol/rest';

const LOCAL_CODES = ['disconnected', 'timeout'] as const;

/** Any refusal, in the language of the page. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return useCallback(
    (error: unknown) => {
      if (error instanceof RestError && error.status === 0) {
        return t('error.unreachable');
      }
      if (error instanceof RestError && error.status === 429) {
        return t('error.tooMany', { count: error.retryAfterS ?? 60 });
      }
      if (error instanceof RestError || error instanceof ProtocolError) {
        const code = [...ERROR_CODES, ...LOCAL_CODES].find((known) => known === error.code);
        if (code) {
          return t(`error.${code}`, { field: error.field ?? '?' });
        }
      }
      return t('error.unknown', { message: error instanceof Error ? error.message : String(error) });
    },
    [t],
  );
}
