package io.synlev.magctl.doctor;

/**
 * What a check found.
 *
 * @param severity how bad it is
 * @param check the name of the check
 * @param title what is so, in a few words
 * @param why what it does to packets, or what it was seen by; empty for {@link Severity#OK}
 * @param fix what to do; empty where there is nothing to do
 * @param see where the documentation tells more
 */
public record Finding(
    Severity severity, String check, String title, String why, String fix, Page see) {}
