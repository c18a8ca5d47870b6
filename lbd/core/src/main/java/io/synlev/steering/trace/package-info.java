/**
 * Live decisions for people: filters, a bounded ring for each worker, and the one field that every
 * batch looks at. It must not know sockets, text or who reads.
 */
package io.synlev.steering.trace;
