package io.synlev.config;

/** Where keys stand. */
enum Section {
  FILE("", "The file"),
  INSTANCE("instance", "`instance`"),
  POOL("pool", "`pools`: each by its name"),
  BACKEND("backend", "`backends` of a pool: each by its name"),
  HEALTH_CHECK("health-check", "`health-check` of a pool"),
  SERVICE("service", "`services`: each by its name"),
  DATAPATH("datapath", "`datapath`: options of lbd"),
  OFFLOAD("offload", "`offload`: options of lbd that begin with `--offload`");

  private final String definition;
  private final String title;

  Section(String definition, String title) {
    this.definition = definition;
    this.title = title;
  }

  /** Its name in the schema. */
  String definition() {
    return definition;
  }

  /** Its headline in the documentation. */
  String title() {
    return title;
  }
}
