/*
 * Frames that come into being at an interface's ingress, as if they had arrived there: nobody sends them.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Bytes of a frame; a multiple of 4. */
enum { INGRESS_FRAME = 60 };

/* What a frame takes in the content. */
enum { INGRESS_SLOT = 64 };

/* Prepares an interface of this network namespace for frames, which will arrive in turn. Ends with a message if it cannot. */
void ingress_open(const char *device, const void *content, uint32_t frames);

/* Lets frames arrive, in this thread, up to all that the stack does with them, until a signal comes; how many. */
uint64_t ingress_run(void);
