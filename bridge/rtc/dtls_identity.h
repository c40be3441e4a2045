/* The inside of a DtlsIdentity, shared by dtls_identity.c, which makes it, and dtls.c, which opens
 * associations with it. Nobody else includes this. */
#pragma once

#include "bridge/rtc/dtls.h"

struct ssl_ctx_st;

/* Borrowed; may be shared by associations of several threads. */
struct ssl_ctx_st *dtls_identity_context(DtlsIdentity *identity);
