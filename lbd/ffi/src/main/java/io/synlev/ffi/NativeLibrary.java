package io.synlev.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;

/** A shared library that stays loaded until the process ends. Any thread may call. */
public final class NativeLibrary {

  private final String soname;
  private final String debianPackage;
  private final SymbolLookup lookup;

  private NativeLibrary(String soname, String debianPackage, SymbolLookup lookup) {
    this.soname = soname;
    this.debianPackage = debianPackage;
    this.lookup = lookup;
  }

  /**
   * Loads a library by the dynamic linker's search rules, ld.so(8).
   *
   * @param soname such as {@code libmnl.so.0}
   * @param debianPackage the package that holds it, for the error message
   * @throws NativeException when it is not there or cannot be loaded
   */
  @SuppressWarnings("restricted") // loading libraries is what this class is for
  public static NativeLibrary load(String soname, String debianPackage) throws NativeException {
    try {
      SymbolLookup lookup = SymbolLookup.libraryLookup(soname, Arena.global());
      return new NativeLibrary(soname, debianPackage, lookup);
    } catch (IllegalArgumentException e) {
      throw new NativeException(soname + " not found", 0, "apt-get install " + debianPackage);
    }
  }

  /**
   * Links a function of up to six integer or pointer arguments.
   *
   * @param name the symbol
   * @throws NativeException when the library is too old to have it
   */
  public NativeFunction function(String name) throws NativeException {
    try {
      return Native.link(lookup, name);
    } catch (UnsatisfiedLinkError e) {
      throw new NativeException(
          soname + " has no function " + name, 0, "install a newer " + debianPackage);
    }
  }

  /**
   * Where a variable or function is. A thread-local one is the calling thread's.
   *
   * @param name the symbol
   * @throws NativeException when the library is too old to have it
   */
  public long address(String name) throws NativeException {
    return lookup
        .find(name)
        .orElseThrow(
            () ->
                new NativeException(
                    soname + " has no symbol " + name, 0, "install a newer " + debianPackage))
        .address();
  }
}
