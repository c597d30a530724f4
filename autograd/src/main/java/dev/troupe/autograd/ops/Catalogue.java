package dev.troupe.autograd.ops;

import java.util.ArrayList;
import java.util.List;

/**
 * Every op, with samples that are awkward on purpose. Tests and the check of a GPU walk through
 * this list, so that no op escapes them; an op that is not in it does not exist.
 */
public final class Catalogue {
  private Catalogue() {}

  /** All entries, in the order of {@link Ops}. */
  public static List<Entry> entries() {
    List<Entry> all = new ArrayList<>();
    ElementwiseCatalogue.addTo(all);
    ReductionCatalogue.addTo(all);
    LayoutCatalogue.addTo(all);
    ProductCatalogue.addTo(all);
    LayerCatalogue.addTo(all);
    ImageCatalogue.addTo(all);
    RandomCatalogue.addTo(all);
    return all;
  }
}
