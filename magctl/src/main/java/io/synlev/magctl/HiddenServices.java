package io.synlev.magctl;

import io.synlev.config.ConfigFile;
import io.synlev.config.Problem;
import io.synlev.state.Service;
import io.synlev.steering.ServiceAudit;
import io.synlev.steering.ServiceAudit.Finding;
import java.util.ArrayList;
import java.util.List;

/** What {@code service check} would say about the services of a file. */
final class HiddenServices {
  /** Beyond, looking would take longer than applying: {@code service check} does it. */
  private static final int MOST = 1_000;

  private HiddenServices() {}

  static List<Problem> find(ConfigFile file, List<Service> services) {
    List<Problem> found = new ArrayList<>();
    if (services.size() > MOST) {
      return found;
    }
    for (Finding finding : ServiceAudit.of(services)) {
      String others = String.join(", ", finding.others());
      String message =
          switch (finding.kind()) {
            case SHADOWED -> "gets no packet: " + others + " come first";
            case PARTLY_SHADOWED ->
                "gets no packet to " + finding.where() + ": " + others + " first";
            case OVERLAP -> "shares packets with " + others + " (" + finding.where() + ")";
            case UNDECIDED -> "may share packets with others: it was too much work to find out";
          };
      found.add(
          file.at(
              "services." + finding.service(), message + "; 'magctl service check' tells more"));
    }
    return found;
  }
}
