/**
 * The checks of magctl doctor, one thing each. They look at {@link io.synlev.magctl.doctor.Facts}
 * and nothing else, so that a test can show them any host.
 */
package io.synlev.magctl.doctor.check;
