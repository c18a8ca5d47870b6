/**
 * What keeps packets from their backends: facts about this host, and checks that judge them.
 *
 * <p>{@link io.synlev.magctl.doctor.Facts} are gathered once, in one place each: files by {@link
 * io.synlev.magctl.doctor.Host}, programs by {@link io.synlev.magctl.doctor.Programs}. A {@link
 * io.synlev.magctl.doctor.Check} asks nobody else, changes nothing, and knows no command line and
 * no output: what it finds is a {@link io.synlev.magctl.doctor.Finding}.
 */
package io.synlev.magctl.doctor;
